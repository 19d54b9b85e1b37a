export { BootstrapError } from './bootstrap.error.js';
export { runProcess, type RunningProcess } from './run-process.js';
export { runUntilStopped } from './run-until-stopped.js';
