import { Button, Center, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { post } from '../api/client'
import { Failure } from '../ui/feedback'
import { linkTo } from '../ui/route'

/** Where the link in the mail leads. It confirms on a click: programs that scan mails open links. */
export function VerifyEmail({ token }: { token: string }) {
  const verify = useMutation({ mutationFn: () => post('/api/v1/auth/verify', { body: { token } }) })
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack align="center">
        <Title order={1} size="h3">
          Your e-mail address
        </Title>
        {verify.isSuccess ? (
          <>
            <Text role="status">Confirmed. You can buy tickets now.</Text>
            <Button component="a" href={linkTo()} variant="default">
              Continue
            </Button>
          </>
        ) : (
          <>
            <Text>Confirm that the address this link was sent to is yours.</Text>
            <Failure error={verify.error} title="Not confirmed" />
            <Button loading={verify.isPending} onClick={() => verify.mutate()}>
              Confirm
            </Button>
          </>
        )}
      </Stack>
    </Center>
  )
}
