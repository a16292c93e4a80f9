import { Button, type ButtonProps } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Failure } from './feedback'

/** Does something through the API, then reads anew what it may have changed. */
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

/** A button that acts at once, and says so when it could not. */
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
