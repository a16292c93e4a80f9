// The least a durable receiver does: read the body, put it in the queue, response.
import { Queue } from 'bullmq'
import Fastify from 'fastify'
import { Redis } from 'ioredis'

const [port, redisUrl] = process.argv.slice(2)
const queue = new Queue('bare', { connection: new Redis(redisUrl, { maxRetriesPerRequest: 1 }), prefix: '{bench}' })
const app = Fastify()
app.post('/hook', async (request, reply) => {
  await queue.add('hook', request.body, { removeOnComplete: true })
  return reply.code(202).send({ accepted: true })
})
await app.listen({ port: Number(port), host: '127.0.0.1' })
process.send('listening')
