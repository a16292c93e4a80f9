/** Names the embedded database and the folder of the servers' files: another name would find none of an earlier start. */
export const APPLICATION_NAME = 'traffic-police'
