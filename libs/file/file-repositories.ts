import {
  EventRepository,
  type HistoryEvent,
  type HookRecord,
  HookRepository,
  type RunFilter,
  type RunPage,
  type RunRecord,
  RunRepository,
} from '../core/index.js';
import type { FileBackend } from './file.backend.js';
import { listRuns } from './list-runs.js';

type Backend = () => FileBackend;

export class FileRunRepository extends RunRepository {
  constructor(private readonly backend: Backend) {
    super();
  }

  override async get(runId: string): Promise<RunRecord | undefined> {
    const { tables, ended, reader } = this.backend();
    const run = ended.get(runId);
    return tables.runs.get(runId)?.record ?? (run && reader.endedRow(run));
  }

  override async list(filter: RunFilter): Promise<RunPage> {
    return listRuns(this.backend(), filter);
  }
}

export class FileEventRepository extends EventRepository {
  constructor(private readonly backend: Backend) {
    super();
  }

  override async load(runId: string, after: number, limit: number): Promise<readonly HistoryEvent[]> {
    return this.backend().reader.events(runId, after, limit);
  }
}

export class FileHookRepository extends HookRepository {
  constructor(private readonly backend: Backend) {
    super();
  }

  override async findByToken(token: string): Promise<HookRecord | undefined> {
    return this.backend().tables.hookOf(token)?.record;
  }

  override async list(runId: string): Promise<readonly HookRecord[]> {
    return this.backend()
      .hooksOf(runId)
      .map(({ record }) => record);
  }
}
