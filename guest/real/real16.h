/* real16.h: struct real_fault's offsets and other numbers that the assembler shares with real.h. */
#define REAL_VECTORS 32
#define STUB_SIZE 8
#define NO_VECTOR 0x100
#define FAULT_VECTOR 0
#define FAULT_ERROR 4
#define FAULT_IP 8
#define FAULT_CS 10
#define FAULT_FLAGS 12
#define FAULT_SP 14
#define FAULT_FLAGS_INSIDE 16
#define FAULT_SIZE 20
