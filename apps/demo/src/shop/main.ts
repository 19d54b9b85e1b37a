/** The shop: an ordinary Nest application. The demo starts it in a process of its own, and kills it. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ShopConfig } from './shop.config.js';
import { ShopModule } from './shop.module.js';

const app = await NestFactory.create<NestExpressApplication>(ShopModule, { logger: ['log', 'warn', 'error', 'fatal'] });
app.set('json replacer', showErrors);
app.enableShutdownHooks();
await app.listen(app.get(ShopConfig).port, '127.0.0.1');

// Tells whoever started it that it is up, and ends when that process is gone.
process.send?.('up');
process.once('disconnect', () => void app.close());

/** Histories hold errors, and JSON leaves out what they say. */
function showErrors(_: string, value: unknown): unknown {
  return value instanceof Error ? { ...value, name: value.name, message: value.message } : value;
}
