import { ChildProcess } from 'node:child_process'
import { Server, Socket } from 'node:net'

/** Setup of the project `unit`: its tests use no port and no process, so that they stay fast and can run anywhere. */
function refuse(what: string): () => never {
  return () => {
    throw new Error(
      `A unit test must not ${what}. Use a virtual port or a stub; or, to run in the project "simulated", import the ` +
        'server or its helper in the test file itself (test/support/setup/simulated-tests.ts has the rule).',
    )
  }
}

Object.assign(Server.prototype, { listen: refuse('listen on a port') })
Object.assign(Socket.prototype, { connect: refuse('open a connection') })
Object.assign(ChildProcess.prototype, { spawn: refuse('start a process') })
