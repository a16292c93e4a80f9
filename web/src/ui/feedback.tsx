import { Alert, Center, Loader, Text } from '@mantine/core'
import type { ReactNode } from 'react'

/** An error, announced to screen readers. */
export function Failure({ error, title = 'Request failed' }: { error: unknown; title?: string }) {
  if (!error) return null
  return (
    <Alert color="red" variant="light" title={title} role="alert" className="alert-text">
      {error instanceof Error ? error.message : String(error)}
    </Alert>
  )
}

export function Waiting() {
  return (
    <Center p="xl" role="status">
      <Loader size="sm" aria-hidden />
      <Text ml="sm" c="dimmed">
        Loading…
      </Text>
    </Center>
  )
}

interface Query {
  data: unknown
  error: unknown
  isPending: boolean
}

/** A query's content, its loading state or its error. Previous content stays visible with an error. */
export function QueryState({ query, children }: { query: Query; children: ReactNode }) {
  return (
    <>
      {query.error ? <Failure error={query.error} title="Could not be loaded" /> : null}
      {query.isPending ? <Waiting /> : query.data === undefined ? null : children}
    </>
  )
}

export function Nothing({ children }: { children: ReactNode }) {
  return (
    <Text c="dimmed" size="sm" py="xs">
      {children}
    </Text>
  )
}
