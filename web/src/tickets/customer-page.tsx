import { Box, Button, Group, Stack, Title } from '@mantine/core'
import { OwnPassword } from '../accounts/own-password'
import { Sessions } from '../accounts/sessions'
import { signOut } from '../shell/sign-out'
import { OwnTickets } from './own-tickets'

/** The page of a customer: buying is through the API of the direct channel. */
export function CustomerPage() {
  return (
    <Box component="main" maw={960} mx="auto" p="md">
      <Stack>
        <Group justify="space-between">
          <Title order={1} size="h3">
            Your account
          </Title>
          <Button variant="default" onClick={() => void signOut()}>
            Sign out
          </Button>
        </Group>
        <OwnTickets />
        <Sessions />
        <OwnPassword />
      </Stack>
    </Box>
  )
}
