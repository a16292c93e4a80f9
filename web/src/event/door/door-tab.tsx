import { Anchor, Stack, Text } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { useDoor } from '../../api/queries'
import { useMay } from '../../api/session'
import { Count } from '../../ui/count'
import { QueryState } from '../../ui/feedback'
import { Figure } from '../../ui/figure'
import { Panel } from '../../ui/panel'
import { Duplicates } from './duplicates'
import { ShowRates } from './show-rates'

/** Who is in, who of those who bought came, and who seems to hold seats twice. */
export default function DoorTab({ event }: { event: Schemas['EventDto'] }) {
  const isOperator = useMay('OPERATOR')
  return (
    <Stack>
      <InTheRoom event={event} />
      <ShowRates event={event} />
      {isOperator ? <Duplicates event={event} /> : null}
    </Stack>
  )
}

function InTheRoom({ event }: { event: Schemas['EventDto'] }) {
  const door = useDoor(event.id)
  return (
    <Panel
      title="In the room"
      asOf={door}
      actions={
        <Anchor size="sm" href={`/api/v1/events/${encodeURIComponent(event.id)}/attendees.csv`} download>
          Download the list as CSV
        </Anchor>
      }
    >
      <QueryState query={door}>{door.data ? <Figures door={door.data} /> : null}</QueryState>
    </Panel>
  )
}

function Figures({ door }: { door: Schemas['DoorDto'] }) {
  const { capacity, sold, checkedIn, walkIns, inTheRoom } = door
  const isFull = inTheRoom > capacity
  return (
    <div className="figures">
      <div>
        <Text fz={44} fw={800} lh={1.1} data-testid="in-the-room">
          <Count of={inTheRoom} />
          <Text span fz={26} fw={500} c="dimmed">
            {' '}
            / <Count of={capacity} />
          </Text>
        </Text>
        <Text size="sm" {...(isFull ? { className: 'on-danger' } : { c: 'dimmed' })}>
          {isFull ? '⚠ in the room, more than the capacity' : 'in the room'}
        </Text>
      </div>
      <div className="others">
        <Figure label="of sold tickets">
          <Count of={checkedIn} />
          <Text span fz="md" fw={400} c="dimmed">
            {' '}
            / <Count of={sold} />
          </Text>
        </Figure>
        <Figure label="without a ticket">
          <Count of={walkIns} />
        </Figure>
      </div>
    </div>
  )
}
