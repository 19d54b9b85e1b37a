import { describePostgresContract } from './postgres-contract.spec-helpers.js';

describePostgresContract('');
