import { Injectable } from '@nestjs/common';
import { DiscoveryService, LazyModuleLoader } from '@nestjs/core';

/**
 * Watches what loads modules after the application has started: Nest tells nobody of them, and calls none of their
 * lifecycle hooks.
 */
@Injectable()
export class LazyModules {
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly loader: LazyModuleLoader,
    private readonly discovery: DiscoveryService,
  ) {}

  /** @param look what to do before whoever has loaded new providers goes on; a load rejects with what it throws */
  onLoad(look: () => Promise<void>): void {
    const load = this.loader.load.bind(this.loader);
    this.loader.load = async (...args) => {
      const before = this.discovery.getProviders().length;
      const module = await load(...args);
      const hasNew = this.discovery.getProviders().length !== before;
      // One after another. Whoever has waited for a load of somebody else waits for the look behind it, too.
      const looked = hasNew ? this.looking.then(look) : this.looking;
      this.looking = looked.catch(() => {});
      await looked;
      return module;
    };
  }
}
