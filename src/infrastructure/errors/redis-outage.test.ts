import { describe, expect, it } from 'vitest'
import { isRedisOutage, meansFailover } from './redis-outage.js'

const named = (name: string) => Object.assign(new Error('x'), { name })

describe('isRedisOutage', () => {
  it.each([
    "READONLY You can't write against a read only replica.",
    'LOADING Redis is loading the dataset in memory',
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    'CLUSTERDOWN The cluster is down',
    'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.',
    "OOM command not allowed when used memory > 'maxmemory'. script: 1f, on @user_script:1.",
    'NOREPLICAS Not enough good replicas to write.',
    'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
    'TRYAGAIN Multiple keys request during rehashing of slot',
    'EXECABORT Transaction discarded because of previous errors.',
    'NOSCRIPT No matching script. Please use EVAL.',
    "ERR Error running script (call to f_3e): @user_script:7: @user_script: 7: -READONLY You can't write",
    'ERR max number of clients reached',
    'Command timed out',
    'Connection is closed.',
    "Stream isn't writeable and enableOfflineQueue options is false",
    'Socket closed unexpectedly',
    'Too many Cluster redirections. Last error: Error: MOVED 1 127.0.0.1:1',
  ])('is true for the error "%s"', (message) => {
    expect(isRedisOutage(new Error(message))).toBe(true)
    expect(isRedisOutage(new Error('wrapped', { cause: new Error(message) }))).toBe(true)
  })

  it('is true for errors of the client and of the socket', () => {
    expect(isRedisOutage(named('MaxRetriesPerRequestError'))).toBe(true)
    expect(isRedisOutage(named('ClusterAllFailedError'))).toBe(true)
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })
    expect(isRedisOutage(refused)).toBe(true)
  })

  it('is false for any other error', () => {
    for (const message of [
      'ERR Error running script (call to f_3e): @user_script:7: attempt to compare nil with number',
      'WRONGTYPE Operation against a key holding the wrong kind of value',
      'ERR wrong number of arguments',
      'a guest named OOM',
    ]) {
      expect(isRedisOutage(new Error(message))).toBe(false)
    }
    expect(isRedisOutage(null)).toBe(false)
    expect(isRedisOutage('READONLY')).toBe(false)
  })
})

describe('meansFailover', () => {
  it('detects a failover inside a script error', () => {
    expect(meansFailover(new Error("ERR Error running script: @user_script: 7: -READONLY You can't write"))).toBe(true)
    expect(meansFailover(new Error('OOM command not allowed'))).toBe(false)
  })
})
