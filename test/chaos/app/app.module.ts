/** The module that the programs of `apps/` are told to run, configured by environment variables. */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { ChaosModule } from './chaos.module.js';
import { repeatMessages } from './repeat-messages.js';

// A process whose driver is gone has nobody left to end it.
process.stdin.on('close', () => process.exit(70)).resume();
if ('unref' in process.stdin) process.stdin.unref();

if (process.env['CHAOS_REPEAT']) await repeatMessages(Number(process.env['CHAOS_REPEAT']));

const url = process.env['CHAOS_REDIS_URL'];
const prefix = process.env['CHAOS_REDIS_PREFIX'];

const cluster = url && prefix ? { queue: { type: 'bullmq', url, prefix } as const } : undefined;

// Runs are let go soon, so that many of them are replayed.
@Module({ imports: [ChaosModule.with({ sessionIdle: '500ms', ...cluster })] })
export class AppModule {}
