export type PgValue = string | number | boolean | null;
export type PgRow = readonly PgValue[];
type ColumnType = 'text' | 'integer' | 'bigint' | 'boolean';

/**
 * Rows that are a parameter of a statement, a column in each array, so that one statement text serves any number.
 *
 * The limit is the number of rows, so it changes nothing; but since the planner does not know that, it expects few
 * rows and looks each up in an index, also while the tables are so small that it would rather read them whole, and
 * keeps that plan when they have grown.
 *
 * The columns are unnested in the list of the select, which takes them row by row: one `unnest` of several arrays in the
 * `FROM` stores each column first, which takes ten times as long. The ordinals are an array as well, since the planner
 * expects a thousand rows of a function that counts.
 */
export class RowsParameter {
  private readonly names: readonly string[];
  /** How many parameters `select` takes. */
  readonly width: number;
  /** How many parameters `selectOne` takes. */
  readonly widthOfOne: number;

  constructor(private readonly columns: Readonly<Record<string, ColumnType>>) {
    this.names = Object.keys(columns);
    this.widthOfOne = this.names.length;
    this.width = this.widthOfOne + 2;
  }

  /** A select of the rows, whose parameters begin with this number; `ordinal` counts them in order. */
  select(first = 1): string {
    const columns = Object.entries(this.columns).map(
      ([name, type], index) => `unnest($${first + index}::${type}[]) AS ${name}`,
    );
    return `SELECT ${columns.join(', ')}, unnest($${first + this.names.length}::integer[]) AS ordinal
      LIMIT $${first + this.names.length + 1}`;
  }

  /** A select of one row, whose parameters begin with this number: as plain values they cost the server less. */
  selectOne(first = 1): string {
    const columns = Object.entries(this.columns).map(([name, type], index) => `$${first + index}::${type} AS ${name}`);
    return `SELECT ${columns.join(', ')}`;
  }

  values(rows: readonly PgRow[]): readonly unknown[] {
    const ordinals = `{${rows.map((_, index) => index + 1).join(',')}}`;
    return [...this.names.map((_, column) => arrayLiteral(rows, column)), ordinals, rows.length];
  }
}

/** As PostgreSQL reads an array. `pg` would make texts of numbers and quote them all. */
function arrayLiteral(rows: readonly PgRow[], column: number): string {
  let text = '{';
  let separator = '';
  for (const row of rows) {
    const value = row[column];
    text += separator + (typeof value === 'string' ? quoted(value) : String(value ?? null));
    separator = ',';
  }
  return `${text}}`;
}

/** Half of all texts are JSON, with quotes and nothing else to escape. A pattern takes longer, as does replacing nothing. */
function quoted(text: string): string {
  let escaped = text;
  if (escaped.includes('\\')) escaped = escaped.replaceAll('\\', String.raw`\\`);
  if (escaped.includes('"')) escaped = escaped.replaceAll('"', String.raw`\"`);
  return `"${escaped}"`;
}
