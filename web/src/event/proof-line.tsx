import { Anchor, Code, Text } from '@mantine/core'
import type { Schemas } from '../api/client'
import { Instant } from '../ui/times'

/** Up to when the event's proof is recorded, its last hash to compare with, and the record itself. */
export function ProofLine({ event }: { event: Schemas['EventDetailsDto'] }) {
  const { id, lastHash, verifiedUpTo, timezone } = event
  if (lastHash === null) return null
  return (
    <Text c="dimmed" size="sm" mt={4} role="note" aria-label="Proof">
      {verifiedUpTo === null ? (
        <Text span inherit c="red">
          Proof: the last line does not have its hash
        </Text>
      ) : (
        <>
          Proof: verified up to <Instant at={verifiedUpTo} zone={timezone} seconds />
        </>
      )}
      {' · last hash '}
      <Code className="hash">{lastHash}</Code>
      {' · '}
      <Anchor size="sm" underline="always" href={`/api/v1/events/${encodeURIComponent(id)}/proof`} download>
        Download the record
      </Anchor>
    </Text>
  )
}
