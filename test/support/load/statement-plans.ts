import pg from 'pg'

export interface Statement {
  text: string
  values: unknown[]
}

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  Plans?: PlanNode[]
}

/** A pool that remembers each statement which its clients send, once per text, with the values of the last time. */
export function rememberingPool(connectionString: string): { pool: pg.Pool; statements: Map<string, Statement> } {
  const statements = new Map<string, Statement>()
  class RememberingClient extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(config)
      const send = this.query.bind(this) as (...args: unknown[]) => unknown
      const remembering = (...args: unknown[]) => {
        const [first, second] = args as [string | Statement, unknown]
        const text = typeof first === 'string' ? first : first.text
        const values = typeof first === 'string' ? second : (first.values ?? second)
        statements.set(text, { text, values: Array.isArray(values) ? values : [] })
        return send(...args)
      }
      this.query = remembering as typeof this.query
    }
  }
  return { pool: new pg.Pool({ connectionString, max: 5, Client: RememberingClient }), statements }
}

/** Tables that the plan of a statement reads as a whole. */
export async function tablesScanned(client: pg.ClientBase, { text, values }: Statement): Promise<string[]> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`EXPLAIN (FORMAT JSON) ${text}`, values)
  const scansOf = (node: PlanNode): string[] => {
    const own = node['Node Type'] === 'Seq Scan' ? [node['Relation Name'] ?? ''] : []
    return [...own, ...(node.Plans ?? []).flatMap(scansOf)]
  }
  return (rows[0]?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => scansOf(Plan))
}
