import { describeDemo } from './support/demo.js';

describeDemo(['sqlite', 'file', 'postgres', 'redis']);
