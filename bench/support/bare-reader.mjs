// The least that a read costs: one SELECT by primary key, without accounts. `/constant/:id`: not even that, Fastify alone.
import Fastify from 'fastify'
import pg from 'pg'

const [port, connectionString] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString, max: 20 })
const { rows } = await pool.query('SELECT id, body FROM bench.stock')
const bodies = new Map(rows.map(({ id, body }) => [id, body]))
const READ = { name: 'read', text: 'SELECT body FROM bench.stock WHERE id = $1' }

const app = Fastify()
app.get('/api/v1/events/:id/stock', async (request, reply) => {
  const { rows } = await pool.query({ ...READ, values: [request.params.id] })
  return reply.type('application/json; charset=utf-8').send(rows[0].body)
})
app.get('/constant/events/:id/stock', async (request, reply) =>
  reply.type('application/json; charset=utf-8').send(bodies.get(request.params.id)),
)
await app.listen({ port: Number(port), host: '127.0.0.1' })
process.send('listening')
