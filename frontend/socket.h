/* socket.h: byte streams over sockets: unix:PATH and tcp:HOST:PORT, as server or as client. */
#ifndef PCEMU_SOCKET_H
#define PCEMU_SOCKET_H

#include "options.h"

/* Opens what the option asks for: a listening socket (s->server), or a connected one. -1: one line on `err` has said
 * why. */
int socket_open(const struct stream_option *o, FILE *err);
/* Takes a connection that waits at a listening socket; -1: none does. */
int socket_accept(int listening);
/* Removes what a server left in the file system. */
void socket_unlink(const struct stream_option *o);
/* "unix:PATH,server=on", "tcp:HOST:PORT": as `info chardev` has it. */
void socket_name(const struct stream_option *o, char *name, size_t size);

#endif
