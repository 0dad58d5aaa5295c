// The part of the flash that holds the file system lies in a file of the PC.

#ifndef PICOPIN_ESP_H
#define PICOPIN_ESP_H

#include <stdint.h>

void esp_attach_image(int descriptor, uint32_t start, uint32_t size);

#endif
