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
 * `FROM` stores each column first, which takes ten times as long. Ordinals are a column as well, since the planner expects
 * a thousand rows of a function that counts.
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
    this.width = this.widthOfOne + 1;
  }

  /** A select of the rows, whose parameters begin with this number. */
  select(first = 1): string {
    const columns = Object.entries(this.columns).map(
      ([name, type], index) => `unnest($${first + index}::${type}[]) AS ${name}`,
    );
    return `SELECT ${columns.join(', ')} LIMIT $${first + this.names.length}`;
  }

  /** A select of one row, whose parameters begin with this number: as plain values they cost the server less. */
  selectOne(first = 1): string {
    const columns = Object.entries(this.columns).map(([name, type], index) => `$${first + index}::${type} AS ${name}`);
    return `SELECT ${columns.join(', ')}`;
  }

  values(rows: readonly PgRow[]): readonly unknown[] {
    return [...this.names.map((_, column) => arrayLiteral(rows, column)), rows.length];
  }
}

/** As PostgreSQL reads an array, which is how JSON writes it, but for characters that JSON has letters for. */
function arrayLiteral(rows: readonly PgRow[], column: number): string {
  const values = rows.map((row) => row[column]);
  const json = JSON.stringify(values);
  const list = json.includes('\\') && HAS_LETTERS.test(json) ? values.map(element).join(',') : json.slice(1, -1);
  return `{${list}}`;
}

/** A letter behind an odd number of backslashes. */
const HAS_LETTERS = /(?<!\\)(?:\\\\)*\\[bfnrtu]/;

/** To PostgreSQL, `\n` in an array is the letter n. */
function element(value: PgValue | undefined): string {
  return typeof value === 'string' ? `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"` : String(value ?? null);
}
