/* xcc's <netinet/tcp_fsm.h> for macOS without an SDK: states of TCP, RFC 9293.
 * From FreeBSD's header of the name (BSD licence). */
#ifndef _NETINET_TCP_FSM_H_
#define _NETINET_TCP_FSM_H_

#define TCP_NSTATES 11

#define TCPS_CLOSED       0
#define TCPS_LISTEN       1
#define TCPS_SYN_SENT     2
#define TCPS_SYN_RECEIVED 3
#define TCPS_ESTABLISHED  4
#define TCPS_CLOSE_WAIT   5
#define TCPS_FIN_WAIT_1   6
#define TCPS_CLOSING      7
#define TCPS_LAST_ACK     8
#define TCPS_FIN_WAIT_2   9
#define TCPS_TIME_WAIT    10

#define TCPS_HAVERCVDSYN(state)    ((state) >= TCPS_SYN_RECEIVED)
#define TCPS_HAVEESTABLISHED(state) ((state) >= TCPS_ESTABLISHED)
#define TCPS_HAVERCVDFIN(state)    ((state) >= TCPS_TIME_WAIT)

#ifdef TCPSTATES
static const char *const tcpstates[] = {
    "CLOSED",     "LISTEN",  "SYN_SENT", "SYN_RCVD",   "ESTABLISHED", "CLOSE_WAIT",
    "FIN_WAIT_1", "CLOSING", "LAST_ACK", "FIN_WAIT_2", "TIME_WAIT",
};
#endif

#endif
