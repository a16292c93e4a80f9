import { useState } from 'react'
import { newKey } from '../api/client'
import type { Door } from './door'

/** As many as one entry may have. */
const MOST = 50

/** People who come without a ticket: counted, or with tickets from the safety stock. */
export function WalkIns({ door, isLive }: { door: Door; isLive: boolean }) {
  const [opened, setOpened] = useState(false)
  if (!opened) {
    return (
      <button type="button" className="walk-in" onClick={() => setOpened(true)}>
        Walk-in
      </button>
    )
  }
  return <WalkInForm door={door} isLive={isLive} onClose={() => setOpened(false)} />
}

interface WalkInFormProps {
  door: Door
  isLive: boolean
  onClose: () => void
}

function WalkInForm({ door, isLive, onClose }: WalkInFormProps) {
  const [quantity, setQuantity] = useState(1)
  const [key, setKey] = useState(newKey)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const change = (by: number) => {
    setQuantity(Math.min(MOST, Math.max(1, quantity + by)))
    // Another quantity is another request.
    setKey(newKey())
  }
  const act = (work: Promise<void>) => {
    setBusy(true)
    setError(null)
    work
      .then(onClose, (failure: unknown) => setError(failure instanceof Error ? failure.message : String(failure)))
      .finally(() => setBusy(false))
  }
  return (
    <section className="walk-ins" aria-label="Walk-in">
      <div className="stepper">
        <button type="button" aria-label="One less" disabled={quantity === 1} onClick={() => change(-1)}>
          −
        </button>
        <output aria-label="How many">{quantity}</output>
        <button type="button" aria-label="One more" disabled={quantity === MOST} onClick={() => change(1)}>
          +
        </button>
      </div>
      <button type="button" className="main" disabled={busy} onClick={() => act(door.countWalkIn(quantity))}>
        Count {quantity} in
      </button>
      <button type="button" disabled={busy || !isLive} onClick={() => act(door.sellToWalkIn(quantity, key))}>
        Sell {quantity} from the safety stock
      </button>
      {isLive ? null : <p className="about">Without a connection, people can be counted only.</p>}
      {error ? (
        <p role="alert" className="problem">
          {error}
        </p>
      ) : null}
      <button type="button" onClick={onClose}>
        Cancel
      </button>
    </section>
  )
}
