import type { Outcome } from './door-state'
import type { Person, Ticket } from './people/people'
import { TimeOfDay } from './time-of-day'

const TITLE = {
  checking: 'Checking…',
  in: '✓ In',
  again: '✕ Already in',
  refused: '✕ Not valid',
  unlisted: '? Not on the list',
}

interface OutcomeBannerProps {
  outcome: Outcome
  zone: string
  /** Tickets of the same person that are not in yet. */
  others: Ticket[]
  onOthers: (person: Person, tickets: Ticket[]) => void
  onAnyway: (code: string) => void
  onClose: () => void
}

/** What came of a scan or a tap, in colour and in words. */
export function OutcomeBanner({ outcome, zone, others, onOthers, onAnyway, onClose }: OutcomeBannerProps) {
  const { kind, person, at, detail, code } = outcome
  return (
    <section className="outcome" data-kind={kind} role="alert" aria-label="Result">
      <div>
        <strong>{TITLE[kind]}</strong>
        {person ? <span className="name">{person.name ?? 'No name'}</span> : null}
        {kind === 'again' && at ? (
          <span>
            First at <TimeOfDay at={at} zone={zone} />
          </span>
        ) : null}
        {detail ? <span>{detail}</span> : null}
      </div>
      {kind === 'in' && person && others.length > 0 ? (
        <button type="button" onClick={() => onOthers(person, others)}>
          {others.length === 1 ? 'The other one too' : `The other ${others.length} too`}
        </button>
      ) : null}
      {kind === 'unlisted' && code ? (
        <button type="button" onClick={() => onAnyway(code)}>
          Let in, check later
        </button>
      ) : null}
      <button type="button" aria-label="Close" onClick={onClose}>
        ✕
      </button>
    </section>
  )
}
