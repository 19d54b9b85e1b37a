import { createHash } from 'node:crypto';

/** So that lists with ever new conditions do not fill the server's memory. */
const MAX_PREPARED = 200;

const TABLES = /\bworkflow_(?:run|run_tag|event|inbox|hook|heartbeat|process|migration)\b/g;

export interface Prepared {
  readonly text: string;
  readonly name?: string;
}

/** Gives statements the form that PostgreSQL prepares once for each connection. */
export class PreparedStatements {
  private readonly known = new Map<string, Prepared>();

  /** @param isNamed false if connections change hands between statements, so that none may be prepared */
  constructor(
    private readonly schema: string | undefined,
    private readonly isNamed: boolean,
  ) {}

  /** `?` becomes `$1`, `$2` ...; the name tells one text from another, also that of another version of this library. */
  of(sql: string): Prepared {
    const known = this.known.get(sql);
    if (known) return known;
    const text = inSchema(numbered(sql), this.schema);
    if (!this.isNamed || this.known.size >= MAX_PREPARED) return { text };
    const prepared = { text, name: `pyworkflow_${createHash('sha1').update(text).digest('hex').slice(0, 20)}` };
    this.known.set(sql, prepared);
    return prepared;
  }
}

/** Our tables, with the schema that they are in. The names of indexes stay as they are: they follow their table. */
export function inSchema(sql: string, schema: string | undefined): string {
  return schema === undefined ? sql : sql.replaceAll(TABLES, (table) => `${quoted(schema)}.${table}`);
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
}
