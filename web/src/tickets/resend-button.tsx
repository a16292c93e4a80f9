import { Button, Text } from '@mantine/core'
import { post } from '../api/client'
import { useAction } from '../ui/action'
import { Failure } from '../ui/feedback'

interface ResendButtonProps {
  orderId: string
  /** What assistive technology calls the button. */
  name: string
}

/** Sends the tickets of an order again. */
export function ResendButton({ orderId, name }: ResendButtonProps) {
  const action = useAction(() => post('/api/v1/orders/{id}/tickets/resend', { path: { id: orderId } }))
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={name}
        loading={action.isPending}
        onClick={() => action.mutate()}
      >
        Send again
      </Button>
      {action.isSuccess ? (
        <Text size="xs" role="status">
          The mail is on its way.
        </Text>
      ) : null}
      <Failure error={action.error} title="Not sent" />
    </>
  )
}
