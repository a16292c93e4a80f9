import { Accordion, Stack, Title } from '@mantine/core'
import { useAlerts } from '../api/queries'
import { QueryState } from '../ui/feedback'
import { Panel } from '../ui/panel'
import { linkTo, useRoute } from '../ui/route'
import { AlertList } from './alert-list'
import { RUNBOOK } from './runbook'
import { RunbookSection } from './runbook-section'

/** Open alerts, and what to do about each kind. */
export function AlertsPage() {
  const alerts = useAlerts()
  const [, kind] = useRoute()
  const choose = (next: string | null) => {
    window.location.hash = next ? linkTo('alerts', next) : linkTo('alerts')
  }
  return (
    <Stack>
      <Title order={1} size="h2">
        Alerts
      </Title>
      <Panel title="Open alerts" asOf={alerts}>
        <QueryState query={alerts}>
          <AlertList alerts={alerts.data?.items ?? []} />
        </QueryState>
      </Panel>
      <Panel title="Runbook">
        <Accordion value={kind ?? null} onChange={choose} variant="contained" order={3}>
          {Object.entries(RUNBOOK).map(([name, entry]) => (
            <Accordion.Item key={name} value={name}>
              <Accordion.Control>{entry.title}</Accordion.Control>
              <Accordion.Panel>
                <RunbookSection entry={entry} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      </Panel>
    </Stack>
  )
}
