import { Controller, Inject, Param, Post, Req, Res, type Type, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { HttpRequest } from './read-body.js';
import { webhookGuards, webhookPath } from './resolve-webhooks.js';
import type { WebhookOptions } from './webhook.options.js';
import { WebhookReceiver } from './webhook-receiver.js';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The controller for these options: a class of its own for each application in the process. */
export function webhookController(options: WebhookOptions): Type<object> {
  // No outside service sends a version, and URLs that it was given must not move.
  @Controller({ path: webhookPath(options), version: VERSION_NEUTRAL })
  @UseGuards(...webhookGuards(options))
  class WebhookController {
    constructor(
      @Inject(WebhookReceiver) private readonly receiver: WebhookReceiver,
      @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    ) {}

    @Post(':token')
    async deliver(
      @Param('token') token: string,
      @Req() request: HttpRequest,
      @Res({ passthrough: true }) response: unknown,
    ): Promise<unknown> {
      const { httpAdapter } = this.host;
      const { status = 200, headers = {}, body } = await this.receiver.receive(token, request);
      httpAdapter.status(response, status);
      const isText = typeof body === 'string';
      const isBare = isText || typeof body === 'number' || typeof body === 'boolean';
      // Express would call it HTML, in which a browser runs scripts.
      if (isBare) httpAdapter.setHeader(response, 'content-type', isText ? 'text/plain; charset=utf-8' : JSON_TYPE);
      for (const [name, value] of Object.entries(headers)) httpAdapter.setHeader(response, name, value);
      return isBare ? String(body) : body;
    }
  }
  return WebhookController;
}
