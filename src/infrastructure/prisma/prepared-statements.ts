/**
 * Raw statements that begin so are prepared once for each connection: PostgreSQL parses and plans them only then. For frequent
 * ones whose text is always the same; others would fill the connections with statements.
 */
const MARK = '/* prepared */'

const names = new Map<string, string>()

/** Of a marked statement; empty: it is not kept. */
export function statementName({ sql }: { sql: string }): string {
  if (!sql.startsWith(MARK)) return ''
  const name = names.get(sql) ?? `prepared_${names.size + 1}`
  names.set(sql, name)
  return name
}
