import { Text } from '@mantine/core'
import type { ReactNode } from 'react'

interface FigureProps {
  label: string
  danger?: boolean
  children: ReactNode
}

/** A number with its name below, next to a larger one. */
export function Figure({ label, danger = false, children }: FigureProps) {
  return (
    <div>
      <Text fz={26} fw={700} lh={1.2} className={danger ? 'on-danger' : ''}>
        {children}
      </Text>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
    </div>
  )
}
