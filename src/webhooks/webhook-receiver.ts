import { HttpException, HttpStatus, Inject, Injectable } from '@nestjs/common';
import { Clock, type HookRecord, WorkflowStore } from '../../libs/core/index.js';
import { type EngineLogger, HookNotFoundError, isHookToken, WorkflowEngine } from '../../libs/runtime/index.js';
import { aKey } from '../checks/rules.js';
import { HookCatalog, type KnownHook } from '../hooks/hook-catalog.js';
import type { ResolvedOptions } from '../options/resolve-options.js';
import { PYWORKFLOW_LOGGER, PYWORKFLOW_RESOLVED_OPTIONS } from '../pyworkflow.constants.js';
import { PyWorkflowLifecycle } from '../runtime/pyworkflow.lifecycle.js';
import { type HttpRequest, readBody } from './read-body.js';
import { refusalOf, refusals } from './webhook.exception.js';
import { WebhookRequest } from './webhook-request.js';
import { type AcceptedDelivery, responseFaults, type WebhookResponse } from './webhook-response.js';

const DELIVERY_ID_HEADERS = ['idempotency-key', 'webhook-id', 'x-github-delivery', 'x-delivery-id'];
const ACCEPTED: WebhookResponse = { status: 202, body: { status: 'accepted' } };

interface Delivery {
  readonly hook: HookRecord;
  readonly definition: KnownHook | undefined;
  readonly request: WebhookRequest;
}

/**
 * Takes deliveries over HTTP.
 *
 * W1. Nothing is delivered that is not verified, if its hook is defined so; what fails on the way is refused.
 * W2. What goes out or into the log tells no token, and of a run only who has the token of one of its hooks.
 * W3. Once the payload is accepted, the answer says so, whatever becomes of the answer's own making.
 */
@Injectable()
export class WebhookReceiver {
  constructor(
    private readonly engine: WorkflowEngine,
    private readonly store: WorkflowStore,
    private readonly clock: Clock,
    private readonly catalog: HookCatalog,
    private readonly lifecycle: PyWorkflowLifecycle,
    @Inject(PYWORKFLOW_LOGGER) private readonly logger: EngineLogger,
    @Inject(PYWORKFLOW_RESOLVED_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /** @throws HttpException saying why nothing was delivered */
  async receive(token: string, http: HttpRequest): Promise<WebhookResponse> {
    let hook: HookRecord | undefined;
    try {
      this.lifecycle.assertUsable('resumeHook');
      hook = await this.find(token);
      const delivery = await this.read(hook, http);
      await this.verify(delivery);
      const accepted = await this.deliver(delivery);
      return await this.responseTo(delivery, accepted);
    } catch (error) {
      const refusal = refusalOf(error);
      this.log(refusal, hook);
      throw refusal;
    }
  }

  private async find(token: string): Promise<HookRecord> {
    // A token of 256 random bits is found by the index, not compared byte by byte with a guess: the time that the
    // search takes tells at most that some token begins like the guess, through the noise of a database and a network.
    const hook = isHookToken(token) ? await this.store.hooks.findByToken(token) : undefined;
    if (!hook) throw new HookNotFoundError();
    return hook;
  }

  private async read(hook: HookRecord, http: HttpRequest): Promise<Delivery> {
    const { bodyLimit, definedOnly } = this.options.webhooks;
    const definition = await this.catalog.find(hook);
    if (!definition && definedOnly) throw new HookNotFoundError();
    const { raw, payload } = await readBody(http, bodyLimit);
    const request = new WebhookRequest({
      headers: http.headers,
      payload,
      rawBody: raw,
      receivedAt: new Date(this.clock.now()),
      hookId: hook.id,
      runId: hook.runId,
    });
    return { hook, definition, request };
  }

  private async verify({ definition, request }: Delivery): Promise<void> {
    const verifier = definition?.options.verify;
    if (verifier === undefined) return;
    const verify = typeof verifier === 'function' ? verifier : verifier.verify;
    // Anything but true is a refusal, also of a function that forgets to say.
    if ((await byUser(() => verify(request))) !== true) throw refusals.badSignature();
  }

  private async deliver({ hook, definition, request }: Delivery): Promise<AcceptedDelivery<unknown>> {
    const deliveryId = await deliveryIdOf(definition, request);
    const payload = definition ? await definition.accept(request.payload) : request.payload;
    await this.engine.deliverHook(hook.token, payload, deliveryId);
    return { payload, hookId: hook.id, runId: hook.runId };
  }

  private async responseTo({ definition }: Delivery, accepted: AcceptedDelivery<unknown>): Promise<WebhookResponse> {
    const response = definition?.options.response ?? ACCEPTED;
    if (typeof response !== 'function') return response;
    const { hookId, runId } = accepted;
    try {
      const computed = await response(accepted);
      const faults = responseFaults(`The response of hook "${hookId}"`, computed);
      if (faults.length === 0) return computed;
      this.logger.error(faults.join(' '), { runId, hookId });
    } catch (error) {
      if (error instanceof HttpException) throw error;
      this.logger.error('a payload was accepted, and its response could not be made', { runId, hookId, error });
    }
    return ACCEPTED;
  }

  private log(refusal: HttpException, hook: HookRecord | undefined): void {
    const status = refusal.getStatus();
    const fields = { status, ...(hook && { runId: hook.runId, hookId: hook.id }) };
    if (status >= 500) this.logger.error('a delivery failed', { ...fields, error: refusal.cause ?? refusal });
    else if (status === HttpStatus.UNAUTHORIZED) this.logger.warn('a delivery was not signed as it should be', fields);
    else this.logger.debug('a delivery was refused', { ...fields, reason: refusal.message });
  }
}

async function deliveryIdOf(definition: KnownHook | undefined, request: WebhookRequest): Promise<string | undefined> {
  const { deliveryId: own, verify } = definition?.options ?? {};
  const deliveryId = own ?? (typeof verify === 'object' ? verify.deliveryId : undefined);
  const given: unknown =
    typeof deliveryId === 'function'
      ? await byUser(() => deliveryId(request))
      : (deliveryId === undefined ? DELIVERY_ID_HEADERS : [deliveryId])
          .map((name) => request.header(name))
          .find((value) => value !== undefined);
  if (given === undefined || given === null) return undefined;
  if (aKey(given) !== undefined) throw refusals.badDeliveryId();
  return given as string;
}

/** What a function of the user's throws is a fault of ours, unless it says otherwise. */
async function byUser<T>(call: () => T | Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw error instanceof HttpException ? error : refusals.failed(error);
  }
}
