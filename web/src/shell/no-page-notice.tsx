import { Anchor, Button, Center, Stack, Text, Title } from '@mantine/core'
import { OwnPassword } from '../accounts/own-password'
import { Sessions } from '../accounts/sessions'
import { signOut } from './sign-out'

/** For the role that this page has nothing for. */
export function NoPageNotice() {
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack align="center">
        <Title order={1} size="h3">
          This page is for other staff
        </Title>
        <Text>
          Your role is for the door. Open the link of your event, which its page shows as “Door”, or{' '}
          <Anchor href="/door/start">the page for the door</Anchor>.
        </Text>
        <Sessions />
        <OwnPassword />
        <Button onClick={() => void signOut()}>Sign out</Button>
      </Stack>
    </Center>
  )
}
