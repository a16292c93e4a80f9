import { useDrift, useRuns } from '../../api/queries'
import { count } from '../../ui/count'
import { Age, Unknown } from '../../ui/times'

/** Uncorrected drift that the newest run found on a channel. Null: no run yet. */
export type DriftState = { open: number; at: string } | null

export function useDriftState(eventId: string): (platform: string) => DriftState {
  const runs = useRuns().data?.items ?? []
  const items = useDrift(eventId).data?.items ?? []
  const newest = runs.find((run) => run.state === 'SUCCEEDED' && (run.eventId === null || run.eventId === eventId))
  return (platform) => {
    if (!newest?.finishedAt) return null
    const own = items.filter((item) => item.runId === newest.id && item.channel === platform && !item.corrected)
    return { open: own.length, at: newest.finishedAt }
  }
}

export function DriftCell({ state }: { state: DriftState }) {
  if (!state) return <Unknown />
  return (
    <>
      {state.open > 0 ? `⚠ ${count(state.open)} open` : 'none'}, <Age at={state.at} />
    </>
  )
}
