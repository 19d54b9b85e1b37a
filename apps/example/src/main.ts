/** The HTTP side of the example, which `compose.yaml` runs with the role `client`. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ExampleModule } from './example.module.js';

const app = await NestFactory.create(ExampleModule);
// Exit instead of a second signal, which does nothing to the first process of a container.
app.enableShutdownHooks([], { useProcessExit: true });
await app.listen(Number(process.env['PORT'] ?? 3000), '0.0.0.0');
