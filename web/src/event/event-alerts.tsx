import { AlertList } from '../alerts/alert-list'
import { useAlerts } from '../api/queries'
import { Panel } from '../ui/panel'

/** The event's own open alerts, while there are any. */
export function EventAlerts({ eventId }: { eventId: string }) {
  const alerts = useAlerts().data?.items.filter((alert) => alert.eventId === eventId) ?? []
  if (alerts.length === 0) return null
  return (
    <Panel title={`Open alerts (${alerts.length})`}>
      <AlertList alerts={alerts} withEvent={false} most={3} />
    </Panel>
  )
}
