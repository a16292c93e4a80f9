import { Button, type ButtonProps } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure } from './feedback'

/** Runs a mutation through the API, then reloads the queries it may have changed. */
export function useAction<I = void, O = unknown>(work: (input: I) => Promise<O>, onDone?: (output: O) => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: work,
    onSuccess: (output) => onDone?.(output),
    onSettled: () => client.invalidateQueries(),
  })
}

interface ActionButtonProps extends ButtonProps {
  work: () => Promise<unknown>
  children: ReactNode
  'aria-label'?: string
}

/** A button that acts at once, and shows a failure. */
export function ActionButton({ work, children, ...button }: ActionButtonProps) {
  const action = useAction(work)
  return (
    <>
      <Button size="xs" variant="default" loading={action.isPending} onClick={() => action.mutate()} {...button}>
        {children}
      </Button>
      <Failure error={action.error} />
    </>
  )
}
