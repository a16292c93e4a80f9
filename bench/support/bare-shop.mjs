// The least a correct shop does: one transaction that takes from a counter and writes a hold. No accounts, no history.
import { randomUUID } from 'node:crypto'
import Fastify from 'fastify'
import pg from 'pg'

const [port, connectionString] = process.argv.slice(2)
// As many connections as the service has for customers and its own work together.
const pool = new pg.Pool({ connectionString, max: 20 })
const TAKE = {
  name: 'take',
  text: 'UPDATE bench.events SET remaining = remaining - $2 WHERE id = $1 AND remaining >= $2',
}
const HOLD = { name: 'hold', text: 'INSERT INTO bench.holds VALUES ($1, $2, $3, $4)' }
const TTL_MS = 300_000

const app = Fastify()
app.post('/api/v1/events/:id/holds', async (request, reply) => {
  const { quantity } = request.body
  const expiresAt = new Date(Date.now() + TTL_MS)
  const id = randomUUID()
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const { rowCount } = await client.query({ ...TAKE, values: [request.params.id, quantity] })
    if (rowCount === 0) {
      await client.query('ROLLBACK')
      return reply.code(409).send({ code: 'SOLD_OUT' })
    }
    await client.query({ ...HOLD, values: [id, request.params.id, quantity, expiresAt] })
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
  return reply.code(201).send({ id, state: 'HELD', quantity, expiresAt })
})
await app.listen({ port: Number(port), host: '127.0.0.1' })
process.send('listening')
