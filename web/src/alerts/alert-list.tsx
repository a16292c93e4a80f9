import { Anchor, Badge, Group, Paper, Stack, Text } from '@mantine/core'
import { post, type Schemas } from '../api/client'
import { useMay } from '../api/session'
import { ActionButton } from '../ui/action'
import { Nothing } from '../ui/feedback'
import { labelOf } from '../ui/labels'
import { linkTo } from '../ui/route'
import { GROUND } from '../ui/state-badge'
import { Age } from '../ui/times'
import { RUNBOOK } from './runbook'

const COLOR: Record<string, string> = {
  RED_ALARM: GROUND.bad,
  OVERSOLD: GROUND.bad,
  FAIL_SAFE: GROUND.bad,
  NOT_CLOSED: GROUND.bad,
}
/** Urgent alerts first, then the newest, resolved ones last. */
const FIRST = ['OVERSOLD', 'NOT_CLOSED', 'FAIL_SAFE', 'RED_ALARM']

interface AlertListProps {
  alerts: readonly Schemas['AlertDto'][]
  /** False on the page of the event itself. */
  withEvent?: boolean
  /** Shows only the most urgent ones, with a link to the others. */
  most?: number
}

export function AlertList({ alerts, withEvent = true, most = Infinity }: AlertListProps) {
  const urgency = ({ kind, resolvedAt }: Schemas['AlertDto']) =>
    resolvedAt ? FIRST.length + 1 : FIRST.includes(kind) ? FIRST.indexOf(kind) : FIRST.length
  const sorted = alerts.toSorted((a, b) => urgency(a) - urgency(b) || (a.id < b.id ? 1 : -1))
  if (sorted.length === 0) return <Nothing>No open alerts.</Nothing>
  return (
    <>
      <Stack gap="xs" component="ul" className="plain-list" aria-label="Open alerts">
        {sorted.slice(0, most).map((alert) => (
          <AlertRow key={alert.id} alert={alert} withEvent={withEvent} />
        ))}
      </Stack>
      {sorted.length > most ? (
        <Anchor size="sm" href={linkTo('alerts')} mt="xs" display="block">
          All {sorted.length} open alerts
        </Anchor>
      ) : null}
    </>
  )
}

function AlertRow({ alert, withEvent }: { alert: Schemas['AlertDto']; withEvent: boolean }) {
  const mayAcknowledge = useMay('OPERATOR')
  return (
    <Paper component="li" withBorder p="sm" className="alert-row">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div className="alert-body">
          <Group gap="xs" mb={4}>
            <Badge color={alert.resolvedAt ? 'gray' : (COLOR[alert.kind] ?? GROUND.warn)} variant="filled" tt="none">
              {alert.resolvedAt ? '✓' : '⚠'} {labelOf(alert.kind)}
            </Badge>
            {alert.platform ? <Text size="sm">{labelOf(alert.platform)}</Text> : null}
            <Age at={alert.createdAt} size="sm" c="dimmed" />
            {alert.resolvedAt ? (
              <Text size="sm" c="dimmed">
                resolved <Age at={alert.resolvedAt} />
              </Text>
            ) : null}
          </Group>
          <Text size="sm">{alert.detail}</Text>
          <Group gap="md" mt={4}>
            {withEvent && alert.eventId ? (
              <Anchor size="sm" href={linkTo('events', alert.eventId)}>
                To the event
              </Anchor>
            ) : null}
            <Anchor size="sm" href={linkTo('alerts', alert.kind)}>
              What to do
            </Anchor>
          </Group>
        </div>
        {mayAcknowledge && alert.acknowledgedAt === null ? (
          <ActionButton
            work={() => post('/api/v1/alerts/{id}/acknowledge', { path: { id: alert.id } })}
            aria-label={`Acknowledge ${labelOf(alert.kind)}: ${RUNBOOK[alert.kind]?.title ?? alert.detail}`}
          >
            Acknowledge
          </ActionButton>
        ) : alert.acknowledgedBy ? (
          <Text size="sm" c="dimmed">
            {alert.acknowledgedBy}
          </Text>
        ) : null}
      </Group>
    </Paper>
  )
}
