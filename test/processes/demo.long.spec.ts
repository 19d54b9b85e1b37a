import { describeDemo } from './support/demo.js';

// By itself, so that it runs beside the other one: after the kill, leases are waited for.
describeDemo(['file', 'postgres', 'redis']);
