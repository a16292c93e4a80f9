import { Anchor, Button, Center, Stack, Text, Title } from '@mantine/core'
import { OwnPassword } from '../accounts/own-password'
import { Sessions } from '../accounts/sessions'
import { signOut } from './sign-out'

const NOTICE = {
  CUSTOMER: {
    title: 'This page is for staff',
    text: 'Customers buy tickets through the API of the direct channel.',
  },
  DOOR: {
    title: 'This page is for other staff',
    text: (
      <>
        Your role is for the door. Open the link of your event, which its page shows as “Door”, or{' '}
        <Anchor href="/door/start">the page for the door</Anchor>.
      </>
    ),
  },
}

/** For users whose role this page has nothing for. */
export function NoPageNotice({ role }: { role: keyof typeof NOTICE }) {
  const { title, text } = NOTICE[role]
  return (
    <Center component="main" mih="100vh" p="md">
      <Stack align="center">
        <Title order={1} size="h3">
          {title}
        </Title>
        <Text>{text}</Text>
        <Sessions />
        <OwnPassword />
        <Button onClick={() => void signOut()}>Sign out</Button>
      </Stack>
    </Center>
  )
}
