#!/usr/bin/env node
import 'reflect-metadata';
import { runUntilStopped } from 'nestjs-pyworkflow/bootstrap';

await runUntilStopped('orchestrator');
