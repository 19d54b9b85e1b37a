import type { CanActivate, ModuleMetadata, Type } from '@nestjs/common';

/** How hooks are reached over HTTP. The module answers no request unless it is given. */
export interface WebhookOptions {
  /** Where the controller is mounted, below the global prefix: `POST <path>/:token`. @default 'workflow/hooks' */
  readonly path?: string;
  /** Guards of the controller, besides those of the application: classes, or instances. @default none */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[];
  /** Modules that export what the guards have injected. @default none */
  readonly imports?: ModuleMetadata['imports'];
  /**
   * How large a body may be, in bytes. What the body parser of the application refuses does not get here.
   * @default maxPayloadBytes
   */
  readonly bodyLimit?: number;
  /** Delivers to hooks alone that are defined by `defineHook` in this process; others are not found. @default false */
  readonly definedOnly?: boolean;
}
