import { describePostgresContract } from './postgres-contract.spec-helpers.js';

describe('a pool of two', () => {
  describePostgresContract(' with two connections', { poolSize: 2 });
});

describe('a schema, and no prepared statements', () => {
  describePostgresContract(' in a schema, unprepared', { schema: 'Flows', preparedStatements: false });
});
