export { BootstrapError } from './bootstrap.error.js';
export { runProcess, type RunningProcess } from './run-process.js';
