import { expect, it } from 'vitest'

// Imported at run time: a test file that imports these belongs to the project `simulated`.
const net = await import('node:net')
const { spawn } = await import('node:child_process')

it('refuses ports, connections and processes in unit tests', async () => {
  expect(() => net.createServer().listen(0)).toThrow('must not listen on a port')
  expect(() => net.connect(1)).toThrow('must not open a connection')
  expect(() => spawn('true')).toThrow('must not start a process')
  await expect(fetch('http://127.0.0.1:9999')).rejects.toMatchObject({
    cause: { message: expect.stringContaining('test/support/setup/simulated-tests.ts') as string },
  })
})
