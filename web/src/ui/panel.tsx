import { Group, Paper, Title } from '@mantine/core'
import { useId, type ReactNode } from 'react'
import { AsOf } from './times'

interface PanelProps {
  title: string
  /** Since when the content is true: an instant, or the query that read it. */
  asOf?: string | undefined | { dataUpdatedAt: number }
  /** Next to the title: buttons, links. */
  actions?: ReactNode
  children: ReactNode
}

/** A titled part of a page. */
export function Panel({ title, asOf, actions, children }: PanelProps) {
  const id = useId()
  const at = typeof asOf === 'object' ? readAt(asOf) : asOf
  return (
    <Paper withBorder p="md" component="section" aria-labelledby={id} className="panel">
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h4" id={id}>
          {title}
        </Title>
        <Group gap="sm">
          {at ? <AsOf at={at} /> : null}
          {actions}
        </Group>
      </Group>
      {children}
    </Paper>
  )
}

/** Undefined: nothing was read yet. */
function readAt({ dataUpdatedAt }: { dataUpdatedAt: number }): string | undefined {
  return dataUpdatedAt > 0 ? new Date(dataUpdatedAt).toISOString() : undefined
}
