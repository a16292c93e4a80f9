import { useState } from 'react'
import { post } from '../api/client'
import type { Target } from './target-kinds'

/** A test message whose outcome is not known yet. */
export interface AwaitedTest {
  /** The target when it was queued. */
  before: Target
  /** RFC 3339. */
  queuedAt: string
}

/** The test messages that were queued on this page. The service sends them in the background: the target shows the outcome. */
export function useTests() {
  const [tests, setTests] = useState<Readonly<Record<string, AwaitedTest>>>({})
  return {
    async queue(id: string): Promise<void> {
      const before = await post('/api/v1/notifications/{id}/test', { path: { id } })
      setTests((others) => ({ ...others, [id]: { before, queuedAt: new Date().toISOString() } }))
    },
    /** Undefined: none, or it has been sent or refused. */
    awaitedOf(target: Target): AwaitedTest | undefined {
      const test = tests[target.id]
      return test && !wasTried(test.before, target) ? test : undefined
    },
  }
}

/** Instants of the API are in UTC: later ones sort after earlier ones. */
function wasTried(before: Target, now: Target): boolean {
  return isLater(now.lastSuccessAt, before.lastSuccessAt) || isLater(now.lastErrorAt, before.lastErrorAt)
}

function isLater(now: string | null, before: string | null): boolean {
  return (now ?? '') > (before ?? '')
}
